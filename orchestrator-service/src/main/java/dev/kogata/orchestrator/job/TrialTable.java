package dev.kogata.orchestrator.job;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.Quality;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The journals of all searches. Numbers are kept bit for bit: with its seed, a journal is its search. Stateless. */
final class TrialTable {

    private static final String RUNNING = "RUNNING";
    private static final String COMPLETE = "COMPLETE";

    private TrialTable() {
    }

    static List<Trial> ofJob(Handle handle, String job) {
        return handle.createQuery("select * from trial where job = :job order by number").bind("job", job).map((row, context) -> trial(row)).list();
    }

    static void insert(Handle handle, String job, Trial trial) {
        handle.createUpdate("""
                        insert into trial (job, number, origin, parameters, state, bytes, plan)
                        values (:job, :number, :origin, :parameters, :state, :bytes, :plan)""")
                .bind("job", job).bind("number", trial.number()).bind("origin", trial.origin())
                .bind("parameters", bytes(trial.parameters())).bind("state", RUNNING)
                .bind("bytes", trial.bytes()).bind("plan", trial.plan().toByteArray()).execute();
    }

    static void complete(Handle handle, String job, Trial trial) {
        handle.createUpdate("update trial set state = :state, loss = :loss, quality = :quality where job = :job and number = :number")
                .bind("state", COMPLETE).bind("loss", trial.loss()).bind("quality", trial.quality().orElseThrow().toByteArray())
                .bind("job", job).bind("number", trial.number()).execute();
    }

    private static Trial trial(ResultSet row) throws SQLException {
        try {
            byte[] quality = row.getBytes("quality");
            return new Trial(row.getInt("number"), row.getString("origin"), doubles(row.getBytes("parameters")),
                    ElasticPlan.parseFrom(row.getBytes("plan")), row.getLong("bytes"),
                    quality == null ? Optional.empty() : Optional.of(Quality.parseFrom(quality)));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row of trial holds no message", e);
        }
    }

    private static byte[] bytes(double[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Double.BYTES);
        buffer.asDoubleBuffer().put(values);
        return buffer.array();
    }

    private static double[] doubles(byte[] bytes) {
        double[] values = new double[bytes.length / Double.BYTES];
        ByteBuffer.wrap(bytes).asDoubleBuffer().get(values);
        return values;
    }
}
