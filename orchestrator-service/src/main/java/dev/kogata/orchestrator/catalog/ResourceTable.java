package dev.kogata.orchestrator.catalog;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.deletion.Leftovers;
import dev.kogata.orchestrator.quota.Quotas;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;

/** Table of resources of one kind, each known by the SHA-256 of its manifest once per tenant. Thread-safe. */
final class ResourceTable<R extends Message> {

    private static final List<String> FILTERS = List.of("sha256", "display_name");

    private final Database database;
    private final String table;
    private final Parser<R> parser;
    private final Quotas quotas;

    ResourceTable(Database database, String table, Parser<R> parser, Quotas quotas) {
        this.database = database;
        this.table = table;
        this.parser = parser;
        this.quotas = quotas;
    }

    Optional<R> byId(String tenant, String id) {
        return one("id", tenant, id);
    }

    Optional<R> bySha256(String tenant, String sha256) {
        return one("sha256", tenant, sha256);
    }

    /** Takes back a resource that was just stored. */
    void remove(String tenant, String id) {
        database.withHandle(handle -> handle.createUpdate("delete from " + table + " where tenant = :tenant and id = :id").bind("tenant", tenant).bind("id", id).execute());
    }

    /** Stores a resource within the tenant's quota, unless one of the same manifest is there: returns the one that is. */
    R insertOrGet(String tenant, String id, String sha256, String displayName, long bytes, R resource) {
        database.inTransaction(handle -> {
            Leftovers.lock(handle);
            quotas.requireRoomForBytes(handle, tenant, bytes);
            // Between two that register the same files at once the unique key decides, and the loser sees the winner's row.
            return handle.createUpdate("insert into " + table + " (id, tenant, sha256, display_name, size_bytes, resource)"
                            + " values (:id, :tenant, :sha256, :name, :bytes, :resource) on conflict do nothing")
                    .bind("id", id).bind("tenant", tenant).bind("sha256", sha256).bind("name", displayName).bind("bytes", bytes)
                    .bind("resource", resource.toByteArray()).execute();
        });
        return bySha256(tenant, sha256).orElseThrow();
    }

    /**
     * Resources, newest first.
     *
     * @param filter {@code sha256=...}, {@code display_name=...}, or empty for all
     */
    Page<R> list(String tenant, int pageSize, String pageToken, String filter) {
        int equals = filter.indexOf('=');
        String column = filter.isEmpty() ? "" : filter.substring(0, Math.max(0, equals));
        if (!filter.isEmpty() && !FILTERS.contains(column)) {
            throw KogataException.invalid("filter", "A list of this kind is filtered by \"sha256=...\" or \"display_name=...\", and by nothing else.");
        }
        String where = filter.isEmpty() ? "" : " and " + column + " = :value";
        return Page.of(pageSize, pageToken, (before, limit) -> database.withHandle(handle -> {
            var query = handle.createQuery("select number, resource from " + table + " where tenant = :tenant" + where
                    + " and number < :before order by number desc limit :limit").bind("tenant", tenant).bind("before", before).bind("limit", limit);
            return (filter.isEmpty() ? query : query.bind("value", filter.substring(equals + 1))).map(Page.numbered(row())).list();
        }));
    }

    private Optional<R> one(String column, String tenant, String value) {
        return database.withHandle(handle -> handle.createQuery("select resource from " + table + " where tenant = :tenant and " + column + " = :value")
                .bind("tenant", tenant).bind("value", value).map(row()).findOne());
    }

    private RowMapper<R> row() {
        return (row, context) -> {
            try {
                return parser.parseFrom(row.getBytes("resource"));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("a row of " + table + " is no message", e);
            }
        };
    }
}
