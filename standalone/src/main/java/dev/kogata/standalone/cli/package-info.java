/** The command line: one class per command, and what they share. */
package dev.kogata.standalone.cli;
