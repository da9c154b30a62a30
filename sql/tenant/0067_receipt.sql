-- SPDX-License-Identifier: ISC
-- Receipts of erasures as PDF: each with its digest, so that a paper can be held against it.
set role praya_owner;

alter table erasure add column papers jsonb not null default '[]';
comment on column erasure.papers is 'PDFs made of the receipt: when, in which language, their SHA-256';

reset role;
