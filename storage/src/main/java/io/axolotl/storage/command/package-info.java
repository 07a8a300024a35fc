@NullMarked
package io.axolotl.storage.command;

import org.jspecify.annotations.NullMarked;
