@NullMarked
package io.axolotl.raft.message;

import org.jspecify.annotations.NullMarked;
