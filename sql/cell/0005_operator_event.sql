-- SPDX-License-Identifier: ISC
-- What people of the operator did at their own host: who, when, from where. It is added
-- to and never changed; after thirteen months an event goes.
set role praya_owner;

create table operator_event (
	event_id bigint generated always as identity primary key,
	at timestamptz not null default now(),
	operator_id bigint references operator,
	kind text not null check (kind in ('added', 'removed', 'sign_in', 'failed', 'sign_out', 'asked', 'offered', 'entered')),
	ip inet,
	case_id bigint references operator_case on delete set null
);
comment on table operator_event is 'What people of the operator did: sign-ins, failures, requests for access';
comment on column operator_event.event_id is 'Key';
comment on column operator_event.at is 'When';
comment on column operator_event.operator_id is 'Who; null: a failure at an address that nobody has';
comment on column operator_event.kind is 'What: added, removed, sign_in, failed, sign_out, asked, offered, entered';
comment on column operator_event.ip is 'From where; null: the command line, or a workspace that offered access';
comment on column operator_event.case_id is 'The request or the offer; null: about none, or its workspace is gone';
create index operator_event_at on operator_event (at);
create index operator_event_operator on operator_event (operator_id) where operator_id is not null;
create index operator_event_case on operator_event (case_id) where case_id is not null;

create function operator_event_stays() returns trigger language plpgsql set search_path = public as $$
begin
	-- A workspace that is gone takes its requests along, and nothing else of the event.
	if tg_op = 'UPDATE' and new.case_id is null and
			(new.event_id, new.at, new.operator_id, new.kind, new.ip)
			is not distinct from (old.event_id, old.at, old.operator_id, old.kind, old.ip) then
		return new;
	end if;
	if tg_op = 'DELETE' and old.at < now() - interval '13 months' then
		return old;
	end if;
	raise exception 'what operators did stays' using errcode = '42501';
end $$;
revoke all on function operator_event_stays() from public;
comment on function operator_event_stays() is 'Refuses to change what operators did';
create trigger stays before update or delete on operator_event for each row execute function operator_event_stays();
create trigger stays_all before truncate on operator_event for each statement execute function operator_event_stays();

grant select, insert, delete on operator_event to praya_cell;
grant select on operator_event to praya_backup;

reset role;
