-- SPDX-License-Identifier: ISC
-- Which job makes the package of a request: where it fails, the request's page says so.
set role praya_owner;

alter table privacy_request add column package_job bigint references job;
comment on column privacy_request.package_job is 'The job that makes or made its package, the last one asked for';
create index privacy_request_package_job on privacy_request (package_job) where package_job is not null;

reset role;
