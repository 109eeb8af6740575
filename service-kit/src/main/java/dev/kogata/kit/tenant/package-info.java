/** Whose call it is. */
package dev.kogata.kit.tenant;
