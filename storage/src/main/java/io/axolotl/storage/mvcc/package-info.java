@NullMarked
package io.axolotl.storage.mvcc;

import org.jspecify.annotations.NullMarked;
