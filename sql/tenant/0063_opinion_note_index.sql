-- SPDX-License-Identifier: ISC
-- Lists filter by it as by any text; rows without one take no room.
set role praya_owner;

create index contact_by_opinion_note on contact using hash (opinion_note);
create index activity_by_opinion_note on activity using hash (opinion_note);
create index message_by_opinion_note on message using hash (opinion_note);

reset role;
