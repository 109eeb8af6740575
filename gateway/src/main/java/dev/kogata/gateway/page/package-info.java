/** The page for people, at {@code /}: everything it needs comes from the gateway itself. */
package dev.kogata.gateway.page;
