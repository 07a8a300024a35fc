@NullMarked
package io.axolotl.raft.membership;

import org.jspecify.annotations.NullMarked;
