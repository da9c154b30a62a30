#!/bin/sh
# SPDX-License-Identifier: ISC
# The lints of templates and catalogues must find what they are for, and must
# not cry at what is right. usage: selftest.sh SOURCE_FOLDER
set -eu
top=$(cd "${1:-${srcdir:-.}}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

fresh() {
	rm -rf "$tmp/t"
	mkdir -p "$tmp/t/templates" "$tmp/t/i18n" "$tmp/t/src"
	printf 'a.b = One %%s\nc.d.e = Two\nnav.x = X\n' | tee "$tmp/t/i18n/en.hdf" >"$tmp/t/i18n/zh-Hant.hdf"
}

# expect 0|1 LINT WHAT
expect() {
	if "$top/tests/lint/$2" "$tmp/t" >"$tmp/out" 2>&1; then got=0; else got=1; fi
	if [ "$got" != "$1" ]; then
		echo "$2: expected $1, got $got: $3"
		sed 's/^/    /' "$tmp/out"
		failed=1
	fi
}

template() {
	fresh
	printf '<?cs # SPDX-License-Identifier: ISC ?>\n%s\n' "$2" >"$tmp/t/templates/t.cs"
	expect "$1" templates.sh "$2"
}

while IFS= read -r line; do template 1 "$line"; done <<'BAD'
<?cs uvar:x ?>
<?cs evar:x ?>
<?cs lvar:x ?>
<?cs alt:x ?>y<?cs /alt ?>
<?cs name:x ?>
<?cs escape:"none" ?><?cs var:x ?><?cs /escape ?>
<?cs linclude:x ?>
<?cs include:"x.cs" ?>
<?cs set:x = "y" ?>
<?cs set:T.a = "y" ?>
<?cs each:Item = x ?><?cs /each ?>
<?cs def:m(Data) ?><?cs /def ?>
<?cs var:null_escape(x) ?>
<?cs var:url_validate(x) ?>
<a href="<?cs var:x ?>">y</a>
<a href='<?cs var:path(x) ?>'>y</a>
<a href=<?cs var:path(x) ?>>y</a>
<a href="/<?cs var:x ?>">y</a>
<a href="//<?cs var:x ?>">y</a>
<a href="https://<?cs var:x ?>">y</a>
<a href="<?cs if:a ?>/ok/<?cs else ?><?cs var:x ?><?cs /if ?>">y</a>
<a href="javascript:alert(1)">y</a>
<a href="<?cs if:a ?>/ok/<?cs /if ?><?cs var:x ?>">y</a>
<form action="<?cs var:x ?>"></form>
<button formaction="<?cs var:x ?>">y</button>
<img src="<?cs var:x ?>" alt="">
<p style="color:red">y</p>
<p class="a" style="width:<?cs var:x ?>%">y</p>
<p onclick="f()">y</p>
<p <?cs var:x ?>>y</p>
<p class=<?cs var:x ?>>y</p>
<p class="<?cs call:m(x) ?>">y</p>
<script>var x = "<?cs var:x ?>";</script>
<script>alert(1)</script>
<style>p { color: red }</style>
BAD
while IFS= read -r line; do template 0 "$line"; done <<'GOOD'
<?cs var:x ?> <?cs set:Var.n = x ?><?cs each:item = Data.list ?><?cs var:item.name ?><?cs /each ?>
<?cs def:m(a, b) ?><?cs var:a ?><?cs /def ?><?cs call:m(x, "style=y") ?>
<a href="<?cs var:path(x) ?>">y</a>
<a class="<?cs var:x ?>" href="<?cs var:weburl(x.url) ?>"><?cs var:x ?></a>
<a href="/contacts/<?cs var:x ?>/edit">y</a>
<a href="mailto:<?cs var:url_escape(x) ?>">y</a>
<a href="#f-<?cs var:x ?>">y</a>
<a href="<?cs if:a ?>/ok/<?cs else ?><?cs var:path(x) ?><?cs /if ?>">y</a>
<svg><use href="<?cs var:Asset.icons_svg ?>#<?cs var:x ?>"></use></svg>
<form action="<?cs var:path(x) ?>" method="post"></form>
<input value="<?cs var:x ?>"<?cs if:y ?> checked<?cs /if ?> name="filter[<?cs var:z ?>]">
<script src="<?cs var:Asset.app_js ?>" defer></script>
<p>a "quoted" style=text on purpose=1</p>
<p title="onclick=1">y</p>
GOOD

source_() {
	fresh
	printf '%s\n' "$2" >"$tmp/t/src/x.c"
	expect "$1" i18n.py "$2"
}
source_ 1 'e = err_new(a, ERR_DENIED, "no.key");'
source_ 1 'e = err_arg(a, ERR_DENIED, "no.key", x);'
source_ 1 'err_add_field(a, &e, f(1, 2), "nokey", NULL);'
source_ 1 'view_text(a, l, x ? "a.b" : "no.key", NULL);'
source_ 1 'view_text(a, l, arena_printf(a, "menu.%s", x), NULL);'
source_ 1 'static struct p = {"error.none", 1};'
source_ 1 'static const char *keys[] = {"contact.list.title"};'
source_ 1 'e = err_new(a, ERR_DENIED, "a.b");'
source_ 1 'err_add_field(a, &e, "x", "a.b", NULL);'
source_ 0 'err_add_field(a, &e, "x", "a.b", y); e = err_arg(a, ERR_DENIED, "a.b", y); view_text(a, l, "c.d.e", NULL);'
source_ 0 'err_new(a, ERR_DENIED, "nav.x"); err_new(a, ERR_DENIED, NULL); view_text(a, l, arena_printf(a, "nav.%s", x), NULL);'
source_ 0 '/* err_new(a, k, "no.key") */ STMT("contact.list", "select"); f("c.d.e", "x.y");'

page() {
	fresh
	printf '%s\n' "$2" >"$tmp/t/templates/t.cs"
	expect "$1" i18n.py "$2"
}
page 1 '<?cs var:T.none ?>'
page 1 '<?cs call:m(x, T.c.d.none) ?>'
page 1 '<?cs var:T.menu[x] ?>'
page 0 '<?cs var:fill(T.a.b, x) ?><?cs var:T.nav[x.key] ?> T.none <?cs # T.none ?><?cs call:m("T.none") ?>'

# catalogue EXPECTED LINE ADDED_TO_ENGLISH LINE_ADDED_TO_CHINESE
catalogue() {
	fresh
	printf '%s\n' "$2" >>"$tmp/t/i18n/en.hdf"
	printf '%s\n' "$3" >>"$tmp/t/i18n/zh-Hant.hdf"
	expect "$1" i18n.py "$2 | $3"
}
catalogue 0 'n.a = New' 'n.a = 新'
catalogue 1 'n.a = New' ''
catalogue 1 '' 'n.a = 新'
catalogue 1 'n.a = New %s' 'n.a = 新'
catalogue 1 'n.a = %s of %s' 'n.a = %s %s'
catalogue 1 'n.a = 5%' 'n.a = 5%'
catalogue 1 'a.b = Again %s' 'n.a = 新'
catalogue 1 'n.a =' 'n.a ='
catalogue 1 'n.A = x' 'n.A = x'
catalogue 1 'n.a = Your PII' 'n.a = 資料'
catalogue 1 'n.a = Privacy' 'n.a = 隱私'
exit $failed
