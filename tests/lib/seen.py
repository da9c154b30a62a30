# SPDX-License-Identifier: ISC
"""People with profiles of their own, for tests of who sees what."""
import secrets

ENTITIES = ("contact", "company", "activity", "message", "attachment", "invoice")
RIGHTS = ("view", "create", "edit", "delete")


def profile(cursor, scopes, rights=RIGHTS, special=(), fields=None):
    """A new profile's name. scopes: one for all entities, or by entity (absent: none)."""
    name = "p" + secrets.token_hex(4)
    cursor.execute(
        "insert into profile (name, new_fields, new_sealed) values (%s, 'edit', 'edit') returning profile_id", [name])
    number = cursor.fetchone()[0]
    if isinstance(scopes, str):
        scopes = {entity: scopes for entity in ENTITIES}
    for entity, scope in scopes.items():
        for right in rights:
            cursor.execute("insert into profile_right values (%s, %s, %s, %s)", [number, entity, right, scope])
    for right in special:
        cursor.execute("insert into profile_right values (%s, '', %s, 'all')", [number, right])
    for (entity, field), level in (fields or {}).items():
        cursor.execute("insert into profile_field values (%s, %s, %s, %s)", [number, entity, field, level])
    return name


def team(cursor, name):
    cursor.execute("insert into team (name) values (%s) returning team_id", [name])
    return cursor.fetchone()[0]


def join(cursor, person, number):
    cursor.execute("update app_user set team_id = %s where email = %s", [number, person.email])


def number_of(cursor, person):
    cursor.execute("select user_id from app_user where email = %s", [person.email])
    return cursor.fetchone()[0]
