package dev.kogata.k8s.images;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.blob.BlobDescriptor;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import com.google.cloud.tools.jib.hash.Digests;
import com.google.cloud.tools.jib.http.FailoverHttpClient;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;
import com.google.cloud.tools.jib.image.json.V22ManifestListTemplate;
import com.google.cloud.tools.jib.image.json.V22ManifestListTemplate.ManifestDescriptorTemplate;
import com.google.cloud.tools.jib.registry.RegistryClient;
import java.util.List;
import java.util.Optional;

/**
 * A registry that images were pushed to, one for each architecture. Jib itself pushes several as one only where all have the same layers; ours have their
 * own machine code.
 */
final class Registry {
    private final String path;

    /** @param path {@code HOST[:PORT]/PATH} of all images */
    Registry(String path) {
        this.path = path;
    }

    /** Whether it is on this machine, where it may go without TLS. */
    static boolean isLocal(String path) {
        return path.matches("(localhost|127\\.0\\.0\\.1)(:[0-9]+)?/.*");
    }

    /** Makes {@code NAME:TAG} the list of the images {@code NAME:TAG-ARCHITECTURE}, which are there; returns its digest. */
    String list(String name, String tag, List<Architecture> architectures) throws Exception {
        ImageReference reference = ImageReference.parse(path + "/" + name + ":" + tag);
        FailoverHttpClient http = new FailoverHttpClient(isLocal(path), isLocal(path), log -> { });
        try {
            RegistryClient client = client(reference, http);
            V22ManifestListTemplate list = new V22ManifestListTemplate();
            for (Architecture architecture : architectures) {
                ManifestTemplate manifest = client.pullManifest(tag + "-" + architecture.oci()).getManifest();
                BlobDescriptor blob = Digests.computeDigest(manifest);
                ManifestDescriptorTemplate entry = new ManifestDescriptorTemplate();
                entry.setMediaType(manifest.getManifestMediaType());
                entry.setSize(blob.getSize());
                entry.setDigest(blob.getDigest().toString());
                entry.setPlatform(architecture.oci(), "linux");
                list.addManifest(entry);
            }
            return client.pushManifest(list, tag).toString();
        } finally {
            http.shutDown();
        }
    }

    private static RegistryClient client(ImageReference reference, FailoverHttpClient http) throws Exception {
        RegistryClient.Factory factory = RegistryClient.factory(EventHandlers.NONE, reference.getRegistry(), reference.getRepository(), http).setUserAgent("kogata");
        Optional<Credential> credential = CredentialRetrieverFactory.forImage(reference, (LogEvent log) -> { }).dockerConfig().retrieve();
        credential.ifPresent(factory::setCredential);
        RegistryClient client = factory.newRegistryClient();
        // A token where the registry gives them, else the name and password themselves.
        if (!client.doPushBearerAuth() && credential.isPresent()) {
            client.configureBasicAuth();
        }
        return client;
    }
}
