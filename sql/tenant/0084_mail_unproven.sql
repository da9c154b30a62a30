-- SPDX-License-Identifier: ISC
-- Mail that says it is a user's, which nothing proves.
set role praya_owner;

comment on column message.source is 'hand: logged by a user; mail: taken in from a mail system; mail_unproven: so too, from a user''s address that the relay does not vouch for';

reset role;
