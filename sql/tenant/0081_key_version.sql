-- SPDX-License-Identifier: ISC
-- Which version of the workspace's key a key lies under is said by its own first bytes.
set role praya_owner;

alter table data_key drop column kek_version;

reset role;
