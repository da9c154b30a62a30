-- SPDX-License-Identifier: ISC
-- What a case keeps of people ends some time after the case.
set role praya_owner;

insert into law_term (code, from_on, term, law, source) values ('case_file', '1900-01-01', '2 years', '', '');
create index privacy_request_closed on privacy_request (closed_at) where closed_at is not null and key_id is not null;

reset role;
