"""What read-only mode does not send, and what it says of it."""

from __future__ import annotations

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import attempt, run_last
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session


@pytest.mark.parametrize(
    "text",
    [
        "select pg_terminate_backend({pid})",
        'select pg_catalog."pg_terminate_backend"({pid})',
        'select U&"pg_terminate_backend"({pid})',
        'select u&"pg\\005fterminate_backend" /* x */ ({pid})',
        "select U&\"pg!005fterminate_backend\" UESCAPE '!' ({pid})",
        "prepare k as select U&\"pg!005fterminate_backend\" uescape '!' ({pid}); execute k",
        "select query_to_xml('select pg_terminate_backend({pid})', true, true, '')",
        "select query_to_xml_and_xmlschema('select pg_terminate_backend({pid})', true, true, '')",
        "select * from ts_stat($$select to_tsvector(pg_terminate_backend({pid})::text)$$)",
        "select ts_rewrite('a'::tsquery, $$select 'a'::tsquery, 'b'::tsquery "
        "where pg_terminate_backend({pid})$$)",
        "declare c cursor with hold for select pg_terminate_backend({pid})",
    ],
)
async def test_another_session_cannot_be_ended(
    read_only_session: Session, other: RunElsewhere, text: str
) -> None:
    (pid,) = other("select pg_backend_pid()")[0]
    await attempt(read_only_session, text.format(pid=pid))
    assert other("select 1") == [(1,)]


@pytest.mark.parametrize(
    "name",
    [
        "query_to_xmlschema", "cursor_to_xml", "table_to_xml", "schema_to_xml_and_xmlschema",
        "database_to_xml", "ts_stat", "ts_rewrite", "crosstab", "crosstab3", "connectby",
        "xpath_table", "aws_lambda.invoke", "dblink", "dblink_exec", "dblink_send_query",
        "heap_force_kill", "heap_force_freeze", "pg_truncate_visibility_map",
        "autoprewarm_dump_now", "autoprewarm_start_worker", "pg_log_backend_memory_contexts",
        "pg_reload_conf", "pg_rotate_logfile", "pg_rotate_logfile_old", "pg_switch_wal",
        "pg_promote", "pg_create_restore_point", "pg_log_standby_snapshot", "pg_nextoid",
        "pg_create_physical_replication_slot", "pg_create_logical_replication_slot",
        "pg_copy_logical_replication_slot", "pg_drop_replication_slot",
        "pg_replication_slot_advance", "pg_logical_slot_get_changes",
        "pg_logical_slot_get_binary_changes", "pg_logical_emit_message",
        "pg_sync_replication_slots", "pg_replication_origin_create",
        "pg_replication_origin_drop", "pg_replication_origin_advance",
        "pg_replication_origin_session_setup", "pg_replication_origin_xact_setup",
        "pg_wal_replay_pause", "pg_backup_start", "pg_backup_stop", "pg_stat_reset",
        "pg_stat_reset_shared", "pg_stat_reset_single_table_counters", "pg_stat_reset_slru",
        "pg_stat_reset_backend_stats", "pg_stat_statements_reset", "pg_advisory_lock",
        "pg_try_advisory_xact_lock_shared", "pg_advisory_unlock_all", "lo_import", "lo_export",
        "pg_file_write", "pg_file_rename", "pg_file_unlink", "pg_file_sync",
        "gin_clean_pending_list", "brin_summarize_new_values", "brin_desummarize_range",
        "pg_restore_relation_stats", "pg_clear_attribute_stats", "pg_buffercache_evict_all",
        "pg_import_system_collations",
    ],
)  # fmt: skip
async def test_what_runs_a_text_as_sql_or_calls_elsewhere_is_refused_by_name(
    read_only_session: Session, name: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await run_last(read_only_session, f"select * from {name}('x')")
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert "Nothing was sent" in caught.value.hint


@pytest.mark.parametrize("text", ["select * from v2_{t}", "explain analyze table v2_{t}",
    'select * from "part_{t}"', "prepare e as select * from v2_{t}"])  # fmt: skip
async def test_a_view_over_a_function_that_acts_outside_is_refused(
    read_only_session: Session, other: RunElsewhere, table: str, text: str
) -> None:
    (pid,) = other("select pg_backend_pid()")[0]
    other(f"create view v1_{table} as select pg_terminate_backend({pid}) as n")
    other(f"create view v2_{table} as select n from v1_{table}")
    other(f"create view part_{table} as select 1 where exists (select from v2_{table})")
    with pytest.raises(ServiceError) as caught:
        await run_last(read_only_session, text.format(t=table))
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert "a view that it reads calls pg_terminate_backend()" in caught.value.message
    assert other("select 1") == [(1,)]


async def test_a_cursor_in_read_only_mode_needs_a_transaction(read_only_session: Session) -> None:
    with pytest.raises(ServiceError) as caught:
        await run_last(read_only_session, "declare c cursor with hold for select 1")
    assert "BEGIN" in caught.value.hint
