package io.axolotl.client;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arrows of the client module. */
final class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // Generated classes are looked at as targets only; reading them takes a quarter of a minute.
            .withImportOption(location -> !location.contains("/client/proto/"))
            .importPackages("io.axolotl.client");

    private static final DescribedPredicate<JavaClass> GENERATED = resideInAPackage("io.axolotl.client.proto");

    @Test
    void theClientDependsOnNoOtherModule() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("io.axolotl..").and(not(resideInAPackage("io.axolotl.client.."))))
                .check(CLASSES);
    }

    @Test
    void onlyTheTransportKnowsNetty() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.axolotl.client.transport")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.netty..", "io.grpc.netty.."))
                .check(CLASSES);
    }

    @Test
    void theCommandLineAndTheRecipesSeeTypedValuesOnly() {
        noClasses()
                .that()
                .resideInAnyPackage("io.axolotl.client.ctl", "io.axolotl.client.recipes")
                .should()
                .dependOnClassesThat(GENERATED.or(resideInAPackage("io.grpc..")))
                .check(CLASSES);
    }

    @Test
    void theLibraryKnowsNothingOfItsTools() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.axolotl.client",
                        "io.axolotl.client.transport",
                        "io.axolotl.client.flow",
                        "io.axolotl.client.recipes")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("io.axolotl.client.ctl", "io.axolotl.client.bench", "picocli.."))
                .check(CLASSES);
    }

    @Test
    void theClientKnowsNothingOfWhatIsBuiltOnIt() {
        noClasses()
                .that()
                .resideInAnyPackage("io.axolotl.client", "io.axolotl.client.transport", "io.axolotl.client.flow")
                .should()
                .dependOnClassesThat(resideInAPackage("io.axolotl.client.recipes"))
                .check(CLASSES);
    }

    @Test
    void theSurfaceOfTheLibraryShowsNeitherGeneratedNorGrpcTypes() {
        DescribedPredicate<JavaClass> hidden =
                GENERATED.or(resideInAPackage("io.grpc..")).or(resideInAPackage("com.google.."));
        DescribedPredicate<List<JavaClass>> someHidden = DescribedPredicate.describe(
                "some generated or gRPC type", parameters -> parameters.stream().anyMatch(hidden));
        noMethods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage("io.axolotl.client")
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .and()
                .arePublic()
                .should()
                .haveRawParameterTypes(someHidden)
                .check(CLASSES);
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage("io.axolotl.client")
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .and()
                .arePublic()
                .should()
                .haveRawReturnType(not(hidden))
                .check(CLASSES);
    }
}
