package dev.kogata.gateway.upload;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.Usage;
import java.io.IOException;
import java.util.Map;

/** The tenant's quota of bytes, before bytes come: what is stored, what was announced, and what is announced now. */
public final class UploadQuota {
    private UploadQuota() {}

    /** Refuses an upload with {@code QUOTA_EXCEEDED} that the tenant has no room for. */
    public static void require(Usage usage, Uploads uploads, long bytes) throws IOException {
        if (usage.getBytesLimit() == 0) {
            return;
        }
        long used = usage.getBytes() + uploads.bytesPending();
        if (bytes > usage.getBytesLimit() - used) {
            throw new KogataException(Reason.QUOTA_EXCEEDED, "Your tenant may have " + usage.getBytesLimit() + " bytes, has " + used + ", and announces "
                + bytes + " more; delete uploads that you do not need, or ask for a larger quota.",
                Map.of("quota", "bytes", "limit", Long.toString(usage.getBytesLimit()), "used", Long.toString(used)));
        }
    }
}
