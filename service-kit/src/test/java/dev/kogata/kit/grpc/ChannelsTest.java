package dev.kogata.kit.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import dev.kogata.kit.TestConfig;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ChannelsTest {

    /** As where the way to a service goes silent while a connection is being made: there is no call yet whose silence could be noticed. */
    @Test
    @Timeout(45)
    void aConnectionThatNeverBeginsToSpeakIsGivenUpForAnother() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = new InetSocketAddress(silent.getInetAddress(), silent.getLocalPort());
            ManagedChannel channel = Channels.open("127.0.0.1:" + address.getPort(), TestConfig.with(Map.of("kogata.grpc.keep-alive", "PT10S", "kogata.grpc.deadline", "PT1S")).grpc());
            channel.getState(true);
            Socket first = silent.accept();
            silent.close();
            Server server = NettyServerBuilder.forAddress(address).addService(new OperationsGrpc.OperationsImplBase() {
                @Override
                public void getOperation(GetOperationRequest request, StreamObserver<Operation> answer) {
                    answer.onNext(Operation.newBuilder().setName("found").build());
                    answer.onCompleted();
                }
            }).build().start();
            try (first) {
                assertThat(answer(channel)).isEqualTo("found");
            } finally {
                channel.shutdownNow();
                server.shutdownNow();
            }
        }
    }

    /** Asks until somebody answers, as all callers of the mesh do. */
    private static String answer(ManagedChannel channel) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                return OperationsGrpc.newBlockingStub(channel).getOperation(GetOperationRequest.getDefaultInstance()).getName();
            } catch (StatusRuntimeException unanswered) {
                // Within the call's deadline; the test's own ends this.
            }
        }
        throw new AssertionError("nobody ever answered");
    }
}
