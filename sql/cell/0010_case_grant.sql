-- SPDX-License-Identifier: ISC
-- A request of an operator is counted before it is delivered, so the grant that came of it is
-- written down afterwards.
set role praya_owner;

grant update (grant_id) on operator_case to praya_cell;

reset role;
