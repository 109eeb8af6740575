package dev.kogata.gateway.upload;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.kogata.kit.tenant.Tenant;

/**
 * What an upload was created with; never changes. Stored next to the bytes. Immutable.
 *
 * @param id 32 hexadecimal digits, chosen by the gateway
 * @param length bytes the finished upload has
 * @param filename relative name of the file, as in the metadata; empty where none was given
 * @param sha256 SHA-256 that the finished upload has to have; empty where none was announced
 * @param metadata the Upload-Metadata header as it came; empty where there was none
 * @param tenant whose it is
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UploadInfo(String id, long length, String filename, String sha256, String metadata, String tenant) {
    /** Files written before there were tenants name none. */
    public UploadInfo {
        tenant = tenant == null ? Tenant.DEFAULT : tenant;
    }

    /** Resource name: {@code uploads/ID}. */
    public String name() {
        return "uploads/" + id;
    }
}
