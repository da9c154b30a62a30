-- SPDX-License-Identifier: ISC
-- Which months went is asked for each link of the chain when the log is checked: the few
-- links that say so are found by themselves, not among all.
set role praya_owner;

create index audit_seal_gone on audit_seal (month, seal_id) where kind = 'month';

reset role;
