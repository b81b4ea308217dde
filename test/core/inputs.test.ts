import { collect, from, generator, item, job, list, op } from "./graphs";
import { given } from "./performance";
import { fails, nothing, ok, succeeded, yields } from "./reports";

describe("optional outputs", () => {
  test("choose a branch per child; an output that never came skips its collect's reader (A16)", () => {
    const graph = job(
      generator("e"),
      op("b", { over: ["e"], in: [item("e")], out: ["a?", "b?", "c?"] }),
      ...["a", "b", "c"].flatMap((name) => [
        op(`${name}s`, { over: ["e"], in: [from(`b:${name}`)] }),
        op(`all_${name}`, { in: [collect(`${name}s`)] }),
        op(`direct_${name}`, { in: [collect(`b:${name}`)] }),
      ]),
    );
    const run = given(graph)
      .admit()
      .play({ e: yields("1", "2", "3"), "b[1]": ok("a"), b: ok("b") });
    expect(run.statuses).toMatchObject({
      ...{ "as[1]": "SUCCESS", "as[2]": "NO_OUTPUT", "as[3]": "NO_OUTPUT", all_a: "SUCCESS", direct_a: "SUCCESS" },
      ...{ "bs[1]": "NO_OUTPUT", "bs[2]": "SUCCESS", "bs[3]": "SUCCESS", all_b: "SUCCESS", direct_b: "SUCCESS" },
      ...{
        "cs[1]": "NO_OUTPUT",
        "cs[2]": "NO_OUTPUT",
        "cs[3]": "NO_OUTPUT",
        all_c: "NO_OUTPUT",
        direct_c: "NO_OUTPUT",
      },
    });
    expect(run.row.status).toBe("SUCCESS");
  });

  test("that did not come skip what is behind, down the graph (A17)", () => {
    const graph = job(op("a", { out: ["x?"] }), op("b", { in: [from("a:x")] }), op("c", { in: [from("b")] }));
    const run = given(graph).admit().play({ a: nothing });
    expect(run.statuses).toEqual({ a: "SUCCESS", b: "NO_OUTPUT", c: "NO_OUTPUT" });
    expect(run.events.at(-2)).toMatchObject({ type: "STEP_SKIPPED", step: "c", data: { skip_reason: "NO_OUTPUT" } });
    expect(run.row.status).toBe("SUCCESS");
  });

  test("named like what every object has are missing all the same", () => {
    const run = given(job(op("a", { out: ["constructor?"] }), op("b", { in: [from("a:constructor")] })));
    run.admit().play({ a: nothing });
    expect(run.status("b")).toBe("NO_OUTPUT");
  });

  test("leave the ordering behind them alone: only values are missing", () => {
    const run = given(job(op("a", { out: ["x?"] }), op("b", { after: ["a"] })))
      .admit()
      .play({ a: nothing });
    expect(run.status("b")).toBe("SUCCESS");
  });
});

describe("a step with several inputs", () => {
  const two = job(op("a", { out: ["x?"] }), op("b"), op("c", { in: [from("b"), from("a:x")] }));

  test("is skipped if one of them is (A18)", () => {
    expect(given(two).admit().play({ a: nothing }).status("c")).toBe("NO_OUTPUT");
  });

  test("is skipped rather than abandoned where one is skipped and one failed (A19, Decided 1)", () => {
    const run = given(two).admit().play({ a: nothing, b: fails() });
    expect(run.status("c")).toBe("NO_OUTPUT");
    expect(run.row.status).toBe("FAILURE");
  });

  test("is skipped as UPSTREAM_FAILED where one failed, and so is all behind it", () => {
    const graph = job(op("a"), op("b", { in: [from("a")] }), op("c", { in: [from("b")] }), op("free"));
    const run = given(graph).admit().play({ a: fails() });
    expect(run.statuses).toEqual({ a: "FAILURE", b: "UPSTREAM_FAILED", c: "UPSTREAM_FAILED", free: "SUCCESS" });
    expect(run.row.error!.message).toBe('The step "a" failed.');
  });

  test("waits once for a source that feeds it by several outputs", () => {
    const graph = job(
      op("a", { out: ["x", "y", "z?"] }),
      op("b", { in: [from("a:x"), from("a:y"), list("a:x", "a:z")] }),
    );
    const run = given(graph).admit();
    run.perform("a", succeeded(["x", "y"]));
    expect(run.readyKeys()).toEqual(["b"]);
    run.play();
    expect(run.row.status).toBe("SUCCESS");
  });

  test("names how many steps failed", () => {
    expect(
      given(job(op("a"), op("b"), op("c")))
        .admit()
        .play({ a: fails(), b: fails() }).row.error!.message,
    ).toBe('The step "a" failed, and 1 more.');
  });
});

describe("a list input (Decided 2)", () => {
  const mixed = job(
    op("a", { out: ["x?"] }),
    op("b", { out: ["x?"] }),
    generator("e"),
    op("m", { over: ["e"], in: [item("e")], out: ["x?"] }),
    op("c", { in: [list("a:x", "b:x", "*m:x", "*e")] }),
  );

  test("drops the sources that were skipped", () => {
    const run = given(mixed)
      .admit()
      .play({ a: nothing, e: yields("0"), m: nothing });
    expect(run.status("c")).toBe("SUCCESS");
  });

  test("is skipped if all of them were", () => {
    const graph = job(op("a", { out: ["x?"] }), op("b", { out: ["x?"] }), op("c", { in: [list("a:x", "b:x")] }));
    expect(given(graph).admit().play({ a: nothing, b: nothing }).status("c")).toBe("NO_OUTPUT");
  });

  test("fails its reader if one of them failed, though another was skipped", () => {
    const run = given(mixed).admit().play({ a: nothing, b: fails(), e: yields() });
    expect(run.status("c")).toBe("UPSTREAM_FAILED");
  });

  test("without any source is there at once", () => {
    expect(
      given(job(op("c", { in: [list()] })))
        .admit()
        .play()
        .status("c"),
    ).toBe("SUCCESS");
  });
});

describe("ordering without a value", () => {
  test("waits for a step, and for the generator alone where it names one", () => {
    const graph = job(generator("e"), op("m", { over: ["e"], in: [item("e")] }), op("a", { after: ["e"] }));
    const run = given(graph).admit();
    expect(run.readyKeys()).toEqual(["e"]);
    run.perform("e", ...yields("0")());
    expect(run.readyKeys()).toEqual(["m[0]", "a"]);
  });

  test("after a map waits for all of its children", () => {
    const graph = job(generator("e"), op("m", { over: ["e"], in: [item("e")] }), op("a", { after: ["m"] }));
    const run = given(graph).admit();
    run.perform("e", ...yields("0", "1")());
    run.perform("m[0]");
    expect(run.readyKeys()).toEqual(["m[1]"]);
    run.perform("m[1]");
    expect(run.readyKeys()).toEqual(["a"]);
  });

  test.each([
    ["SUCCESS", yields(), ok()],
    ["UPSTREAM_FAILED", yields("0"), fails()],
    ["UPSTREAM_FAILED", fails(), ok()],
  ])("after a map is %s by how the map went", (status, e, m) => {
    const graph = job(generator("e"), op("m", { over: ["e"], in: [item("e")] }), op("a", { after: ["m"] }));
    expect(given(graph).admit().play({ e, m }).status("a")).toBe(status);
  });

  test("is skipped after a skipped step, abandoned after a failed one", () => {
    const graph = job(
      op("a", { out: ["x?"] }),
      op("skipped", { in: [from("a:x")] }),
      op("failing"),
      op("b", { after: ["skipped"] }),
      op("c", { after: ["failing"] }),
      op("d", { after: ["failing", "skipped"] }),
    );
    const run = given(graph).admit().play({ a: nothing, failing: fails() });
    expect(run.statuses).toMatchObject({ b: "NO_OUTPUT", c: "UPSTREAM_FAILED", d: "NO_OUTPUT" });
  });

  test("within a map may name the generator, whose item is there already", () => {
    const graph = job(generator("e"), op("m", { over: ["e"], after: ["e"] }));
    const run = given(graph).admit();
    run.perform("e", ...yields("0")().slice(0, 2));
    expect(run.readyKeys()).toEqual(["m[0]"]);
  });
});

test("a job without steps succeeds as soon as it is admitted", () => {
  const run = given(job()).admit();
  expect(run.told(null)).toEqual(["RUN_DEQUEUED", "RUN_STARTING", "RUN_SUCCESS"]);
  expect(run.endings).toBe(1);
});
