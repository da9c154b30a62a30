-- SPDX-License-Identifier: ISC
-- Requests under the Personal Data (Privacy) Ordinance, and those that come with them:
-- access, correction, erasure, opting out. What may follow on what is data.
set role praya_owner;

create table privacy_request (
	request_id bigint generated always as identity primary key,
	reference text not null,
	kind text not null check (kind in ('access', 'correction', 'erasure', 'opt_out')),
	state text not null default 'received',
	channel text not null check (channel in ('letter', 'email', 'counter', 'phone', 'chat', 'form')),
	language text not null check (language in ('en', 'zh-Hant')),
	received_at timestamptz not null,
	received_on date not null,
	due_on date not null,
	due_rolled_on date not null,
	limb_a boolean not null default false,
	limb_b boolean not null default false,
	statutory_form boolean not null default false,
	capacity text not null default 'self' check (capacity in ('self', 'minor', 'court', 'guardian', 'authorised')),
	key_id bigint references data_key on delete set null,
	particulars bytea,
	message_id bigint references message,
	access_id bigint references privacy_request,
	duplicate_of bigint references privacy_request,
	assignee_id bigint references app_user,
	recorded_at timestamptz not null default now(),
	recorded_by bigint references app_user,
	identity_at timestamptz,
	identity_by bigint,
	identity_how text,
	authority_at timestamptz,
	reviewed_by bigint,
	approved_at timestamptz,
	approved_by bigint,
	delayed_at timestamptz,
	fee_at timestamptz,
	fee bigint,
	fee_paid_at timestamptz,
	late boolean not null default false,
	closed_at timestamptz,
	reminded_on date,
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
comment on table privacy_request is 'What somebody asks of the workspace about personal data; never deleted';
comment on column privacy_request.request_id is 'Key';
comment on column privacy_request.reference is 'Number that letters carry: year and key';
comment on column privacy_request.kind is 'access (Cap. 486 s.18), correction (s.22), erasure (no statutory request), opt_out (s.35G)';
comment on column privacy_request.state is 'Where it stands; moves by request_event alone, as request_step says';
comment on column privacy_request.channel is 'How it came';
comment on column privacy_request.language is 'Of the letters';
comment on column privacy_request.received_at is 'When it came, which is not when it was recorded';
comment on column privacy_request.received_on is 'That day in Hong Kong: the clock counts from it';
comment on column privacy_request.due_on is 'Target date: the period of law_term as counted';
comment on column privacy_request.due_rolled_on is 'Legal last day: where the law lets it roll to';
comment on column privacy_request.limb_a is 'Asks whether data is held';
comment on column privacy_request.limb_b is 'Asks for a copy';
comment on column privacy_request.statutory_form is 'Came on form OPS003';
comment on column privacy_request.capacity is 'Of who asks: self, or for another person';
comment on column privacy_request.key_id is 'Key of this request alone; gone with its particulars';
comment on column privacy_request.particulars is 'Who asks, about whom, for what: JSON, sealed';
comment on column privacy_request.message_id is 'The received message it was made of';
comment on column privacy_request.access_id is 'Of a correction: the access request it follows';
comment on column privacy_request.duplicate_of is 'The earlier request whose clock rules';
comment on column privacy_request.assignee_id is 'Who sees to it';
comment on column privacy_request.recorded_at is 'When it was recorded';
comment on column privacy_request.recorded_by is 'By whom; null: the public form';
comment on column privacy_request.identity_at is 'When it was checked who asks';
comment on column privacy_request.identity_by is 'By whom';
comment on column privacy_request.identity_how is 'By which kind of evidence; no copy of it is kept';
comment on column privacy_request.authority_at is 'When the authority to ask for another person was seen';
comment on column privacy_request.reviewed_by is 'Who put the answer together';
comment on column privacy_request.approved_at is 'When a second person approved the answer';
comment on column privacy_request.approved_by is 'Who';
comment on column privacy_request.delayed_at is 'When notice was given that it takes longer (s.19(2), s.23(2))';
comment on column privacy_request.fee_at is 'When a fee was asked for (s.28)';
comment on column privacy_request.fee is 'The fee in cents';
comment on column privacy_request.fee_paid_at is 'When it was paid';
comment on column privacy_request.late is 'It was answered after its last day';
comment on column privacy_request.closed_at is 'When it came to an end';
comment on column privacy_request.reminded_on is 'Day of the last reminder by mail';
comment on column privacy_request.updated_at is 'Last change';
comment on column privacy_request.version is 'Moves with every change';
create unique index privacy_request_reference on privacy_request (reference);
create index privacy_request_open on privacy_request (due_on, request_id) where closed_at is null;
create index privacy_request_due on privacy_request (due_on, request_id);
create index privacy_request_recent on privacy_request (received_on desc, request_id desc);
create index privacy_request_kind on privacy_request (kind, due_on, request_id);
create index privacy_request_state on privacy_request (state, due_on, request_id);
create index privacy_request_assignee on privacy_request (assignee_id, due_on, request_id);
create index privacy_request_recorder on privacy_request (recorded_by, due_on, request_id);
create index privacy_request_key on privacy_request (key_id) where key_id is not null;
create index privacy_request_message on privacy_request (message_id) where message_id is not null;
create index privacy_request_access on privacy_request (access_id) where access_id is not null;
create index privacy_request_duplicate on privacy_request (duplicate_of) where duplicate_of is not null;

create table request_subject (
	subject_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	contact_id bigint references contact,
	user_id bigint references app_user,
	check ((contact_id is null) <> (user_id is null))
);
comment on table request_subject is 'Whom of the workspace a request is about: contacts, who may be one person twice, or a user; none: nobody it holds';
comment on column request_subject.subject_id is 'Key';
comment on column request_subject.request_id is 'The request';
comment on column request_subject.contact_id is 'A contact, or';
comment on column request_subject.user_id is 'a user';
create unique index request_subject_contact on request_subject (contact_id, request_id) where contact_id is not null;
create unique index request_subject_user on request_subject (user_id, request_id) where user_id is not null;
create index request_subject_request on request_subject (request_id);

create table request_link (
	request_id bigint not null references privacy_request,
	earlier_id bigint not null references privacy_request,
	primary key (request_id, earlier_id),
	check (request_id <> earlier_id)
);
comment on table request_link is 'Earlier requests that are similar (s.20(3)(c))';
comment on column request_link.request_id is 'The request';
comment on column request_link.earlier_id is 'One that came before';
create index request_link_earlier on request_link (earlier_id);

create table request_item (
	item_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	what text not null check (what in ('source', 'field', 'recipient')),
	label bytea not null,
	outcome text check (outcome in ('done', 'refused', 'held', 'not_held', 'sent', 'ceased')),
	decided_at timestamptz,
	decided_by bigint,
	created_at timestamptz not null default now(),
	created_by bigint
);
comment on table request_item is 'What has to be seen to before a request ends: another source to ask, a field to decide on, somebody to tell';
comment on column request_item.item_id is 'Key';
comment on column request_item.request_id is 'The request';
comment on column request_item.what is 'source: data outside of Praya; field: of a correction or an erasure; recipient: had the old value in the last 12 months';
comment on column request_item.label is 'What or who it is, sealed under the request''s key';
comment on column request_item.outcome is 'Null: still open';
comment on column request_item.decided_at is 'When the outcome was said';
comment on column request_item.decided_by is 'By whom';
comment on column request_item.created_at is 'When it was added';
comment on column request_item.created_by is 'By whom';
create index request_item_request on request_item (request_id, item_id);

-- What may follow on what. A state that nothing leads out of is an end.
create table request_step (
	kind text not null,
	from_state text not null,
	action text not null,
	to_state text not null,
	primary key (kind, from_state, action, to_state)
);
comment on table request_step is 'The steps a request of each kind may take';
comment on column request_step.kind is 'Kind of request';
comment on column request_step.from_state is 'In this state';
comment on column request_step.action is 'this may be done';
comment on column request_step.to_state is 'and leads to that one';
insert into request_step (kind, from_state, action, to_state)
select s.kind, f.state, s.action, coalesce(nullif(s.to_state, '='), f.state)
from (values
	('access', '{received,clarifying}', 'clarify', 'clarifying'),
	('access', '{received,clarifying,delay_noticed}', 'search', 'searching'),
	('access', '{searching,delay_noticed}', 'not_held', 'not_held'),
	('access', '{searching,delay_noticed}', 'review', 'review'),
	('access', '{review}', 'fee', 'fee_pending'),
	('access', '{fee_pending}', 'fee_paid', 'review'),
	('access', '{review,delay_noticed}', 'approve', '='),
	('access', '{review,delay_noticed}', 'comply', 'complied'),
	('access', '{review,delay_noticed}', 'comply_partly', 'partly_complied'),
	('access', '{received,clarifying,searching,review,fee_pending,delay_noticed}', 'verify', '='),
	('access', '{received,clarifying,searching,review,fee_pending,delay_noticed}', 'delay', 'delay_noticed'),
	('access', '{received,clarifying,searching,review,fee_pending,delay_noticed}', 'refuse', 'refused'),
	('access', '{received,clarifying,searching,review,fee_pending,delay_noticed}', 'withdraw', 'withdrawn'),
	('access', '{received,clarifying,searching,review,fee_pending,delay_noticed}', 'duplicate', 'duplicate'),
	('access', '{received,clarifying,searching,review,fee_pending,delay_noticed}', 'not_a_request', 'not_a_request'),
	('access', '{received,clarifying,searching,review,fee_pending,delay_noticed}', 'correct_received_at', '='),
	('correction', '{received,verifying,clarifying}', 'clarify', 'clarifying'),
	('correction', '{received,clarifying}', 'verify', 'verifying'),
	('correction', '{delay_noticed}', 'verify', '='),
	('correction', '{verifying,delay_noticed}', 'correct', 'corrected'),
	('correction', '{verifying,delay_noticed}', 'correct_partly', 'partly_corrected'),
	('correction', '{corrected}', 'notify_recipients', 'notifying_3p'),
	('correction', '{notifying_3p}', 'close', 'closed'),
	('correction', '{received,clarifying,verifying,corrected,notifying_3p,delay_noticed}', 'delay', 'delay_noticed'),
	('correction', '{received,clarifying,verifying,corrected,notifying_3p,delay_noticed}', 'refuse', 'refused'),
	('correction', '{received,clarifying,verifying,corrected,notifying_3p,delay_noticed}', 'withdraw', 'withdrawn'),
	('correction', '{received,clarifying,verifying,corrected,notifying_3p,delay_noticed}', 'duplicate', 'duplicate'),
	('correction', '{received,clarifying,verifying,corrected,notifying_3p,delay_noticed}', 'not_a_request', 'not_a_request'),
	('correction', '{received,clarifying,verifying,corrected,notifying_3p,delay_noticed}', 'correct_received_at', '='),
	('erasure', '{received}', 'assess', 'assessing'),
	('erasure', '{received,assessing}', 'verify', '='),
	('erasure', '{assessing}', 'erase', 'erased'),
	('erasure', '{assessing}', 'erase', 'partly_erased'),
	('erasure', '{assessing}', 'decline', 'declined'),
	('erasure', '{received,assessing}', 'withdraw', 'withdrawn'),
	('erasure', '{received,assessing}', 'duplicate', 'duplicate'),
	('erasure', '{received,assessing}', 'not_a_request', 'not_a_request'),
	('erasure', '{received,assessing}', 'correct_received_at', '='),
	('opt_out', '{received}', 'apply', 'applied'),
	('opt_out', '{received}', 'duplicate', 'duplicate'),
	('opt_out', '{received}', 'not_a_request', 'not_a_request'),
	('opt_out', '{received}', 'correct_received_at', '=')) s (kind, from_states, action, to_state)
cross join unnest(s.from_states::text[]) f (state);

create table request_ground (
	kind text not null,
	ground text not null,
	must boolean not null,
	position integer not null,
	primary key (kind, ground)
);
comment on table request_ground is 'On which grounds the law lets a request be refused';
comment on column request_ground.kind is 'Kind of request';
comment on column request_ground.ground is 'Section of Cap. 486';
comment on column request_ground.must is 'It must be refused; else it may';
comment on column request_ground.position is 'Order in lists';
insert into request_ground (kind, ground, must, position) values
	('access', '20(1)(a)(i)', true, 10), ('access', '20(1)(a)(ii)', true, 20), ('access', '20(1)(b)', true, 30),
	('access', '20(1)(c)', true, 40), ('access', '20(3)(a)', false, 50), ('access', '20(3)(b)', false, 60),
	('access', '20(3)(c)', false, 70), ('access', '20(3)(d)', false, 80), ('access', '20(3)(e)', false, 90),
	('access', '20(3)(ea)', false, 100), ('access', '20(3)(f)', false, 110), ('access', '28(5)', false, 120),
	('correction', '24(1)', true, 10), ('correction', '24(3)(a)', false, 20), ('correction', '24(3)(b)', false, 30),
	('correction', '24(3)(c)', false, 40), ('correction', '24(3)(d)', false, 50), ('correction', '24(3)(e)', false, 60);

create table request_event (
	event_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	at timestamptz not null default now(),
	by_user bigint,
	action text not null,
	from_state text not null,
	to_state text not null,
	ground text,
	note bytea,
	late_reason bytea,
	data jsonb not null default '{}',
	late boolean not null default false,
	sole boolean not null default false
);
comment on table request_event is 'What happened to a request: added to, never changed; a step moves its state';
comment on column request_event.event_id is 'Key';
comment on column request_event.request_id is 'The request';
comment on column request_event.at is 'When';
comment on column request_event.by_user is 'By whom; null: Praya itself';
comment on column request_event.action is 'A step of request_step, or record, assign, note, item, due_moved';
comment on column request_event.from_state is 'State before';
comment on column request_event.to_state is 'State after';
comment on column request_event.ground is 'Section on which it was refused';
comment on column request_event.note is 'Reasons and remarks, sealed under the request''s key';
comment on column request_event.late_reason is 'Why it is late, sealed';
comment on column request_event.data is 'Dates, amounts and codes, nothing personal';
comment on column request_event.late is 'It came after the legal last day';
comment on column request_event.sole is 'Nobody else could have approved it';
create index request_event_request on request_event (request_id, event_id);

create table log_book (
	entry_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	entered_at timestamptz not null default now(),
	entered_by bigint,
	kind text not null,
	received_on date not null,
	ground text not null,
	key_id bigint references data_key on delete set null,
	reasons bytea not null,
	notice_on date not null,
	late boolean not null,
	corrects bigint references log_book
);
comment on table log_book is 'The log book of Cap. 486 s.27: refusals and their reasons, kept for the period of law_term log_book, whoever is erased meanwhile';
comment on column log_book.entry_id is 'Number';
comment on column log_book.request_id is 'The request';
comment on column log_book.entered_at is 'When it was entered';
comment on column log_book.entered_by is 'By whom';
comment on column log_book.kind is 'Kind of request';
comment on column log_book.received_on is 'Day it was received';
comment on column log_book.ground is 'Section';
comment on column log_book.key_id is 'Key of this entry alone';
comment on column log_book.reasons is 'Requestor''s name and the reasons, sealed';
comment on column log_book.notice_on is 'Day of the notice of refusal';
comment on column log_book.late is 'It came after the legal last day';
comment on column log_book.corrects is 'The entry that this one corrects';
create index log_book_request on log_book (request_id);
create index log_book_entered on log_book (entered_at desc, entry_id desc);
create index log_book_key on log_book (key_id) where key_id is not null;
create index log_book_corrects on log_book (corrects) where corrects is not null;

reset role;
