# SPDX-License-Identifier: ISC
"""Profiles put straight into a workspace's database, as a test needs them."""
import secrets

ENTITIES = ("contact", "company", "activity", "message", "attachment", "invoice")


def make_profile(database, rights=None, fields=None, special=(), new_fields="edit", new_sealed="hidden"):
    """rights: {"contact.view": "own"}; fields: {"contact.salary": "masked"}. Its name."""
    name = "p" + secrets.token_hex(4)
    cursor = database.cursor()
    cursor.execute(
        "insert into profile (name, new_fields, new_sealed) values (%s, %s, %s) returning profile_id",
        (name, new_fields, new_sealed),
    )
    (profile,) = cursor.fetchone()
    for right in special:
        cursor.execute("insert into profile_right values (%s, '', %s, 'all')", (profile, right))
    set_rights(database, name, rights or {})
    for field, level in (fields or {}).items():
        entity, _, field = field.partition(".")
        cursor.execute("insert into profile_field values (%s, %s, %s, %s)", (profile, entity, field, level))
    return name


def set_rights(database, name, rights):
    """None takes a right away; what is not named stays."""
    cursor = database.cursor()
    for right, scope in rights.items():
        entity, _, right = right.partition(".")
        cursor.execute(
            'delete from profile_right r using profile p where p.profile_id = r.profile_id and p.name = %s '
            'and r.entity = %s and r."right" = %s', (name, entity, right))
        if scope is not None:
            cursor.execute(
                "insert into profile_right select profile_id, %s, %s, %s from profile where name = %s",
                (entity, right, scope, name))


def everything(scope, rights=("view", "create", "edit", "delete", "export", "import"), entities=ENTITIES):
    return {f"{entity}.{right}": scope for entity in entities for right in rights}
