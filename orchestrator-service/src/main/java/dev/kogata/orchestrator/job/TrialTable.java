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

    private TrialTable() {
    }

    static List<Trial> ofJob(Handle handle, String job) {
        return handle.createQuery("select * from trial where job = :job order by number").bind("job", job).map((row, context) -> trial(row)).list();
    }

    static void insert(Handle handle, String job, Trial trial) {
        handle.createUpdate("""
                        insert into trial (job, number, origin, parameters, state, bytes, plan, asked_at, proposal_seconds)
                        values (:job, :number, :origin, :parameters, :state, :bytes, :plan, :asked, :seconds)""")
                .bind("job", job).bind("number", trial.number()).bind("origin", trial.origin())
                .bind("parameters", bytes(trial.parameters())).bind("state", trial.state().name())
                .bind("bytes", trial.bytes()).bind("plan", trial.plan().toByteArray())
                .bind("asked", trial.moments().asked()).bind("seconds", trial.moments().proposalSeconds()).execute();
    }

    static void complete(Handle handle, String job, Trial trial) {
        handle.createUpdate("update trial set state = :state, loss = :loss, quality = :quality, told_at = :told where job = :job and number = :number")
                .bind("state", trial.state().name()).bind("loss", trial.loss()).bind("quality", trial.quality().map(Quality::toByteArray).orElse(null))
                .bind("told", trial.moments().told()).bind("job", job).bind("number", trial.number()).execute();
    }

    private static Trial trial(ResultSet row) throws SQLException {
        try {
            byte[] quality = row.getBytes("quality");
            return new Trial(row.getInt("number"), row.getString("origin"), doubles(row.getBytes("parameters")),
                    ElasticPlan.parseFrom(row.getBytes("plan")), row.getLong("bytes"),
                    Trial.State.valueOf(row.getString("state")), quality == null ? Optional.empty() : Optional.of(Quality.parseFrom(quality)),
                    new Trial.Moments(row.getInt("asked_at"), row.getInt("told_at"), row.getDouble("proposal_seconds")));
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
