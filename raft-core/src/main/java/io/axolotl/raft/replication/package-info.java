@NullMarked
package io.axolotl.raft.replication;

import org.jspecify.annotations.NullMarked;
