package dev.kogata.kit.database;

import io.quarkus.arc.All;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready when every schema of this process answers. */
@Readiness
@Singleton
class DatabaseReadiness implements HealthCheck {
    private final List<Database> databases;

    @Inject
    DatabaseReadiness(@Any @All List<Database> databases) {
        this.databases = databases;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("database").up();
        for (Database database : databases) {
            boolean answers = database.answers();
            answer.withData(database.schema(), answers ? "answers" : "does not answer");
            if (!answers) {
                answer.down();
            }
        }
        return answer.build();
    }
}
