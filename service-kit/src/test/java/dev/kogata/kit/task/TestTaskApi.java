package dev.kogata.kit.task;

import com.google.longrunning.Operation;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.ErrorInterceptor;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.grpc.Channels;
import dev.kogata.kit.tenant.MeshInterceptor;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import java.util.Optional;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The task API of some types over a real connection and an H2 of its own, without Quarkus: for tests of workers. It can
 * go away and come back with the same tasks on the same port.
 */
public final class TestTaskApi implements AutoCloseable {
    private final KogataConfig config;
    private final List<TaskBoard> boards = new ArrayList<>();
    private final List<Database> databases = new ArrayList<>();
    private final EventSender sender;
    private final List<AutoCloseable> rooms = new ArrayList<>();
    private Server server;
    private int port;

    /** Serves boards of these types. */
    public TestTaskApi(KogataConfig config, String... types) {
        this.config = config;
        this.sender = new EventSender(config.kafka());
        for (String type : types) {
            Database database = Database.open(config.database(), "test_" + type);
            databases.add(database);
            boards.add(new TaskBoard(type, database, sender, config.task()));
        }
        up();
    }

    /** The board of a type. */
    public TaskBoard board(String type) {
        return new TaskBoards(boards).ofType(type);
    }

    /** The operation of a task. */
    public Operation operation(String name) {
        return new TaskBoards(boards).ofName(name).get(name);
    }

    /** Where the API is. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** A new channel to the API; the caller shuts it down. */
    public ManagedChannel channel() {
        return Channels.open(address(), config.grpc());
    }

    /** Nobody answers any more; the tasks stay. */
    public void down() {
        server.shutdownNow();
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Answers, on the same port as before. */
    public void up() {
        TaskBoards all = new TaskBoards(boards);
        TaskQueueGrpcService queue = new TaskQueueGrpcService(all);
        OperationsGrpcService operations = new OperationsGrpcService(all, List.of());
        rooms.add(queue::close);
        rooms.add(operations::close);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        for (BindableService service : List.of(queue, operations)) {
            builder.addService(ServerInterceptors.intercept(service, new ErrorInterceptor(), new MeshInterceptor(Optional.empty())));
        }
        try {
            server = builder.build().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = server.getPort();
    }

    @Override
    public void close() throws Exception {
        down();
        for (AutoCloseable room : rooms) {
            room.close();
        }
        boards.forEach(TaskBoard::close);
        sender.close();
        databases.forEach(Database::close);
    }
}
