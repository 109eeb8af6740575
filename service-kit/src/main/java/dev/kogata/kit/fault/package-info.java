/** Places where tests end a process; off by default. */
package dev.kogata.kit.fault;
