@NullMarked
package io.axolotl.raft.log;

import org.jspecify.annotations.NullMarked;
