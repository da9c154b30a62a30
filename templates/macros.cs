<?cs # SPDX-License-Identifier: ISC ?>
