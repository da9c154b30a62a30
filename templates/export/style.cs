<?cs # SPDX-License-Identifier: ISC ?>
<?cs # style.css of an export: readable on a screen and on paper, from a folder. ?>
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; color: #1c2733; background: #fff;
	font: 1rem/1.55 system-ui, "Noto Sans", "PingFang HK", "Microsoft JhengHei", "Noto Sans CJK HK", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 1rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 1rem; padding-bottom: .35rem; border-bottom: 2px solid #0b5c74; }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h4 { font-size: .85rem; margin: .75rem 0 .25rem; color: #526273; }
.cover { margin: .5rem 0; padding: .75rem 1rem; border-left: 4px solid #b45309; background: #fff7e8; }
.made, .none, .count { color: #526273; }
.count { font-size: .85em; font-weight: 400; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 1rem 0; padding: 0; list-style: none; }
a { color: #0b5c74; }
article { margin: 0 0 1rem; padding: 1rem; border: 1px solid #d5dde4; border-radius: .5rem; break-inside: avoid; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .15rem 1rem; margin: 0; }
dt { color: #526273; }
dd { margin: 0; overflow-wrap: anywhere; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.mark { padding: 0 .4rem; border-radius: .25rem; background: #e8eef3; font-size: .8rem; font-weight: 400; }
table { width: 100%; margin: .75rem 0; border-collapse: collapse; }
th, td { padding: .35rem .5rem; border-bottom: 1px solid #e3e9ee; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { color: #526273; font-size: .85rem; }
.end { text-align: right; white-space: nowrap; }
.history td:first-child { white-space: nowrap; }
.changes { margin: 0; padding-left: 1.1rem; }
del { color: #8a3030; }
ins { color: #1d6b3c; text-decoration: none; }
code { font-size: .9em; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .35rem; } .history td:first-child { white-space: normal; } }
@media print { body { max-width: none; padding: 0; } nav { display: none; } }
