@NullMarked
package io.axolotl.client;

import org.jspecify.annotations.NullMarked;
