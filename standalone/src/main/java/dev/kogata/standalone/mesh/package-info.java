/**
 * The embedded mesh: broker, control and worker as child processes of this one, started, watched, restarted and
 * stopped. All state is in one home folder, which only one mesh uses at a time.
 */
package dev.kogata.standalone.mesh;
