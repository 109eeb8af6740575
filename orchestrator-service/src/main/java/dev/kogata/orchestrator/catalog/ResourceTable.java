package dev.kogata.orchestrator.catalog;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.kogata.kit.database.Database;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;

/** Table of resources of one kind, each known by the SHA-256 of its manifest once per tenant. Thread-safe. */
final class ResourceTable<R extends Message> {

    private final Database database;
    private final String table;
    private final Parser<R> parser;

    ResourceTable(Database database, String table, Parser<R> parser) {
        this.database = database;
        this.table = table;
        this.parser = parser;
    }

    Optional<R> byId(String tenant, String id) {
        return one("id", tenant, id);
    }

    Optional<R> bySha256(String tenant, String sha256) {
        return one("sha256", tenant, sha256);
    }

    /** Stores a resource, unless one of the same manifest is there: returns the one that is. */
    R insertOrGet(String tenant, String id, String sha256, R resource) {
        // Between two that register the same files at once the unique key decides, and the loser sees the winner's row.
        database.withHandle(handle -> handle.createUpdate("insert into " + table + " (id, tenant, sha256, resource) values (:id, :tenant, :sha256, :resource)"
                        + " on conflict do nothing")
                .bind("id", id).bind("tenant", tenant).bind("sha256", sha256).bind("resource", resource.toByteArray()).execute());
        return bySha256(tenant, sha256).orElseThrow();
    }

    /** Resources, newest first. */
    Page<R> list(String tenant, int pageSize, String pageToken) {
        return Page.of(pageSize, pageToken, (before, limit) -> database.withHandle(handle -> handle
                .createQuery("select number, resource from " + table + " where tenant = :tenant and number < :before order by number desc limit :limit")
                .bind("tenant", tenant).bind("before", before).bind("limit", limit).map(Page.numbered(row())).list()));
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
