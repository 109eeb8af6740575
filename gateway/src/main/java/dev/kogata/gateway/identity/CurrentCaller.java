package dev.kogata.gateway.identity;

import jakarta.enterprise.context.RequestScoped;

/** Who sent the REST request that is being answered. There is no answer before {@link IdentityFilter} has found it out. */
@RequestScoped
public class CurrentCaller {
    private Caller caller;

    void set(Caller found) {
        caller = found;
    }

    /** The caller. */
    public Caller get() {
        if (caller == null) {
            throw new IllegalStateException("nobody has asked who calls");
        }
        return caller;
    }

    /** Whose data it is about. */
    public String tenant() {
        return get().tenant();
    }

    boolean isKnown() {
        return caller != null;
    }
}
