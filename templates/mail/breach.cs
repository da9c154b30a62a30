<?cs # SPDX-License-Identifier: ISC ?>
<?cs # To somebody whose data an incident has exposed: Data.about, advice, enquiries, kinds, ... ?>
<?cs call:mail_begin() ?>
<?cs call:breach_text() ?>
<?cs call:mail_end() ?>
