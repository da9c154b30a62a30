-- SPDX-License-Identifier: ISC
-- What each column of a record holds.
set role praya_owner;

do $$
declare
	t text;
begin
	foreach t in array array['contact', 'company', 'activity', 'message', 'attachment', 'invoice'] loop
		execute format('comment on column %I.%I is ''Key''', t, t || '_id');
		execute format('comment on column %I.version is ''Moves with every change: what If-Match compares''', t);
		execute format('comment on column %I.created_at is ''When it was made here''', t);
		execute format('comment on column %I.created_by is ''User who made it; null: Praya itself, or a command''', t);
		execute format('comment on column %I.updated_at is ''Last change''', t);
		execute format('comment on column %I.archived_at is ''Put away since; null: current''', t);
	end loop;
	foreach t in array array['activity', 'message', 'attachment', 'invoice'] loop
		execute format('comment on column %I.contact_id is ''The person it is about; who may not see that one does not see this''', t);
	end loop;
	foreach t in array array['activity', 'message', 'attachment'] loop
		execute format('comment on column %I.kept_until is ''A law wants it kept to this day, whatever the person asks; null: none does''', t);
		execute format('comment on column %I.kept_law is ''That law, as a receipt names it''', t);
	end loop;
	foreach t in array array['contact', 'company'] loop
		execute format('comment on column %I.name_en is ''Name in Latin letters''', t);
		execute format('comment on column %I.name_zh is ''Name in Chinese characters, in whichever script it was given''', t);
		execute format('comment on column %I.phone is ''E.164''', t);
		execute format('comment on column %I.email is ''As given''', t);
		execute format('comment on column %I.address is ''Postal address, lines as given''', t);
		execute format('comment on column %I.district is ''Code of the district, a choice of the catalogue''', t);
		execute format('comment on column %I.tags is ''Words the business sorts by''', t);
		execute format('comment on column %I.owner_id is ''User in charge: own scope''', t);
		execute format('comment on column %I.team_id is ''Team in charge: team scope''', t);
		execute format('comment on column %I.import_id is ''Import that made it; null: none did''', t);
		execute format('comment on column %I.grams is ''N-grams of names, numbers and addresses: what search looks in''', t);
	end loop;
end $$;

comment on column contact.key_id is 'The person''s own key; null: destroyed, what it sealed is unreadable';
comment on column contact.preferred_name is 'How the person wants to be addressed';
comment on column contact.language is 'en, zh-Hant, ...: language to write in';
comment on column contact.surname_en is 'Surname, in Latin letters';
comment on column contact.given_en is 'Given name, in Latin letters';
comment on column contact.english_name is 'English first name beside the Chinese one';
comment on column contact.title is 'Mr, Ms, Dr, ...';
comment on column contact.company_id is 'Organisation the person belongs to';
comment on column contact.job_title is 'Position there';
comment on column contact.email2 is 'Second address';
comment on column contact.phone2 is 'Second number, E.164';
comment on column contact.whatsapp is 'Number on WhatsApp, E.164';
comment on column contact.hkid is 'Identity card number, sealed by the person''s key';
comment on column contact.hkid_bi is 'Keyed digest of it: equality without the value';
comment on column contact.tax_id is 'Tax number, sealed by the person''s key';
comment on column contact.tax_id_bi is 'Keyed digest of it: equality without the value';
comment on column contact.date_of_birth is 'Date of birth, sealed by the person''s key';
comment on column contact.date_of_birth_bi is 'Keyed digest of it: equality without the value';
comment on column contact.salary is 'Salary, sealed by the person''s key';
comment on column contact.salary_bi is 'Keyed digest of it: equality without the value';
comment on column contact.linkedin_url is 'Profile page';
comment on column contact.bio is 'What the business wrote about the person';
comment on column contact.source is 'Where the data came from';
comment on column contact.lifecycle is 'lead, prospect, customer, former, or as the catalogue says';
comment on column contact.vip is 'Wants special care';
comment on column contact.last_activity_at is 'Latest message or activity';
comment on column contact.last_verified_on is 'Day the data was last checked with the person';
comment on column contact.disputed is 'The person disputes the data: not to be used meanwhile';
comment on column contact.deceased_on is 'Date of death';
comment on column contact.retention_until is 'The business keeps the record until';
comment on column contact.hold is 'Legal hold: cannot be erased';
comment on column contact.erased_at is 'Erased since: the columns are neutral, the key is gone';

comment on column company.br_number is 'Business registration number';
comment on column company.website is 'Address of its site';
comment on column company.industry is 'Trade, in the business''s own words';
comment on column company.remarks is 'What the business notes about it';

comment on column activity.kind is 'note, call, meeting, task';
comment on column activity.subject is 'One line';
comment on column activity.body is 'Text';
comment on column activity.happened_at is 'When it was, or will be';
comment on column activity.due_on is 'Day a task is to be done by';
comment on column activity.done_at is 'When a task was done; null: it is open';
comment on column activity.owner_id is 'User who has to do it, or did it';

comment on column message.channel is 'email, whatsapp, sms, phone, letter';
comment on column message.direction is 'in or out';
comment on column message.sender is 'Who wrote, as the message says';
comment on column message.recipients is 'To whom, as the message says';
comment on column message.subject is 'Subject line';
comment on column message.body is 'Text, without mark-up';
comment on column message.happened_at is 'When it was written';
comment on column message.source is 'hand: logged by a user; mail: taken in from a mail system';
comment on column message.mail_key is 'Keyed digest of the Message-ID: the same mail is filed once';

comment on column attachment.message_id is 'Message it came with';
comment on column attachment.activity_id is 'Activity it belongs to';
comment on column attachment.file_name is 'As given, without path';
comment on column attachment.content_type is 'MIME type, as claimed';
comment on column attachment.size is 'Bytes';
comment on column attachment.sha256 is 'Of the plain bytes';
comment on column attachment.object is 'Name in the file store; null: the bytes are gone';
comment on column attachment.object_key is 'Key of the object, sealed by the person''s key';

comment on column invoice.number is 'The business''s own number';
comment on column invoice.issued_on is 'Date of the invoice';
comment on column invoice.due_on is 'Day it is to be paid by';
comment on column invoice.currency is 'ISO 4217';
comment on column invoice.amount is 'Total, in minor units of the currency';
comment on column invoice.status is 'draft, issued, paid, void';
comment on column invoice.bill_to is 'Name and address billed, sealed by a key of its own';
comment on column invoice.bill_to_key_id is 'That key; null: destroyed on the law''s last day';
comment on column invoice.keep_until is 'The law wants it kept to this day';

comment on column invoice_line.invoice_line_id is 'Key';
comment on column invoice_line.invoice_id is 'The invoice';
comment on column invoice_line.position is 'Order on the invoice, from 1';
comment on column invoice_line.description is 'What was sold';
comment on column invoice_line.quantity is 'In thousandths';
comment on column invoice_line.unit_amount is 'Price of one, in minor units';
comment on column invoice_line.amount is 'Price of the line, in minor units';

comment on column kept_field.contact_id is 'The person';
comment on column kept_field.field is 'Name of the field';
comment on column kept_field.until is 'Last day';
comment on column kept_field.law is 'The law, as a receipt names it';

reset role;
