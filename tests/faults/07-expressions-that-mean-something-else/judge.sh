#!/usr/bin/env bash
# Expressions whose translation once meant something else: a boolean beside the text 'true', NOCASE text, decimal literals. What
# stands in the target answers as SQLite does, or it is left behind, and the plan says so.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_07
q() { PGOPTIONS='-c search_path=app' psql -XAtq "$PG/$db" -c "$1" 2>&1; }
spec

# NAME SQL QUESTION THING — the question has one answer on both sides, or THING (kind and name) is among what stays behind
one() {
    rm -f s.db; sqlite3 s.db "$2" || exit 1
    fresh
    "$TRANSSHIP" plan s.toml > plan.out 2>&1; planned=$?
    "$TRANSSHIP" apply s.toml --yes > apply.out 2>&1; applied=$?
    here=$(sqlite3 s.db "$3"); there=$(q "$3")
    if [ $planned != 0 ] || [ $applied != 0 ]; then
        echo "$1: plan exit $planned, apply exit $applied"; grep -m1 -a -e FAILED -e × apply.out; wrong=1
    elif [ "$here" = "$there" ]; then
        echo "$1: $there on both sides"
    elif grep -q -x "  $4" plan.out && ! grep -q '^[0-9]' <<< "$there"; then
        echo "$1: left behind, and said"
    else
        echo "$1: wrong: SQLite $here, PostgreSQL $there"; wrong=1
    fi
    "$TRANSSHIP" verify s.toml > verify.out 2>&1 || { echo "$1: verify exit $?"; cat verify.out; wrong=1; }
}
t="create table t (id integer primary key, active boolean"; rows="insert into t (id, active) values (1,1),(2,0)"
one "view" "$t); $rows; create view live as select id from t where active = 'true'" "select count(*) from live" "view live"
one "view of numbers in text" "$t); $rows; create view live as select id from t where active = '1'" "select count(*) from live" "view live"
one "generated column" "$t, live integer generated always as (active = 'true') virtual); $rows" "select sum(cast(live as integer)) from t" "generated t.live"
one "check" "$t check (active <> 'true')); $rows" "select count(*) from t" "check t.t_check"
one "partial unique index" "$t, name text); insert into t values (1,1,'a'),(2,1,'a'); create unique index ix on t (name) where active = 'true'" "select count(*) from t" "index t.ix"
one "nocase in a generated column" "create table t (id integer primary key, status text collate nocase, is_open integer generated always as (status = 'open') virtual); insert into t (id, status) values (1,'OPEN'),(2,'closed')" "select sum(cast(is_open as integer)) from t" "generated t.is_open"
one "0.1 * 0.1 = 0.01" "create table t (id integer primary key); insert into t values (1); create view tenth as select id from t where 0.1 * 0.1 = 0.01" "select count(*) from tenth" "view tenth"
one "decimals in a condition" "create table t (id integer primary key, price decimal(10,2)); insert into t values (1,0.1),(2,0.2); create view sums as select id from t where price + price + price = 0.3" "select count(*) from sums" "view sums"

# What leaves 64 bits on the data there are is found by the plan, and its lines settle it.
rm -f s.db; sqlite3 s.db "create table t (id integer primary key, n integer, twice integer generated always as (n * 2)); insert into t (id, n) values (1, 1), (2, 9223372036854775807)"
fresh
"$TRANSSHIP" plan s.toml > plan.out 2>&1; code=$?
grep -q arithmetic_overflow plan.out && [ $code = 3 ] || { echo "overflow: plan exit $code"; cat plan.out; wrong=1; }
printf '[tables.t.columns.twice]\ngenerated = false\ntype = "numeric"\n' >> s.toml
"$TRANSSHIP" apply s.toml --yes > apply.out 2>&1 || { echo "overflow: apply exit $?"; cat apply.out; wrong=1; }
echo "overflow: found by the plan; with its line $(q "select string_agg(twice::text, ',' order by id) from t")"
exit $wrong
