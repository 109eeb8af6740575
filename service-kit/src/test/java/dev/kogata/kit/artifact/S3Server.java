package dev.kogata.kit.artifact;

import java.net.URI;
import java.nio.file.Path;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** An S3 server: one in this process over a folder, or the one that {@code KOGATA_TEST_S3_ENDPOINT} names. */
record S3Server(URI endpoint, AwsCredentialsProvider credentials, AutoCloseable closing) implements AutoCloseable {

    static S3Server start(Path folder) throws Exception {
        String real = System.getenv("KOGATA_TEST_S3_ENDPOINT");
        if (real != null) {
            return new S3Server(URI.create(real), DefaultCredentialsProvider.builder().build(), () -> { });
        }
        Properties properties = new Properties();
        properties.setProperty("jclouds.filesystem.basedir", folder.toString());
        BlobStoreContext context = ContextBuilder.newBuilder("filesystem").credentials("key", "secret").overrides(properties).build(BlobStoreContext.class);
        S3Proxy proxy = S3Proxy.builder().blobStore(context.getBlobStore()).endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "key", "secret").build();
        proxy.start();
        return new S3Server(URI.create("http://127.0.0.1:" + proxy.getPort()), StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")), () -> {
            proxy.stop();
            context.close();
        });
    }

    @Override
    public void close() throws Exception {
        closing.close();
    }
}
