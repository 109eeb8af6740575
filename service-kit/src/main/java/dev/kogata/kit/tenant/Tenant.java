package dev.kogata.kit.tenant;

import io.grpc.Context;
import io.grpc.Metadata;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/**
 * Whose models, datasets and jobs a call is about. The gateway finds it out and says it to the mesh in a header; services
 * believe that header from each other only ({@link MeshInterceptor}). Stateless.
 */
public final class Tenant {
    /** Owner of everything where nobody has to say who they are. */
    public static final String DEFAULT = "default";

    static final Metadata.Key<String> HEADER = Metadata.Key.of("kogata-tenant", Metadata.ASCII_STRING_MARSHALLER);
    static final Context.Key<String> CURRENT = Context.key("kogata-tenant");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,127}");

    private Tenant() {}

    /** The tenant of the gRPC call being answered; {@link #DEFAULT} where its caller named none. */
    public static String current() {
        String tenant = CURRENT.get();
        return tenant == null ? DEFAULT : tenant;
    }

    /** Does work as if a call about this tenant were being answered: for what a service does by itself. */
    public static <T> T as(String tenant, Callable<T> work) throws Exception {
        return Context.current().withValue(CURRENT, tenant).call(work);
    }

    /** Whether a text can name a tenant: at most 128 letters, digits and {@code . _ @ : / + -}. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** Headers that name the tenant to a service of the mesh. */
    public static Metadata header(String tenant) {
        Metadata headers = new Metadata();
        headers.put(HEADER, tenant);
        return headers;
    }
}
