@NullMarked
package io.axolotl.raft;

import org.jspecify.annotations.NullMarked;
