// For who looks for files that nothing uses: this one is compiled below.
import type {} from "./wiring";
import { join } from "node:path";
import ts from "typescript";

test("wrong wiring does not compile, and right wiring does", () => {
  const root = join(__dirname, "../..");
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([join(__dirname, "wiring.ts")], { ...options, noEmit: true });
  const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(join(__dirname, "wiring.ts")));
  expect(
    found.map(({ messageText, start, file }) => [file?.getLineAndCharacterOfPosition(start!).line, messageText]),
  ).toEqual([]);
});
