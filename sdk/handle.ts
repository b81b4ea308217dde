import type { z } from "zod";
import type { DynamicOutput, InputSpec, OneInput, OptionalOutput, OutputSpec, Schema, StreamInput } from "./schema";

declare const VALUE: unique symbol;
declare const ELEMENT: unique symbol;
declare const ITEM: unique symbol;
declare const WIRING: unique symbol;
declare const RESULT: unique symbol;

/** A value that a step will have given: what `g.call` returns and takes. It is a promise of wiring, not a value. */
export interface Handle<T> {
  readonly [VALUE]: T;
}

/** The list that `g.collect` makes of a map. Reads like a `Handle<E[]>`. */
export interface Collected<E> extends Handle<E[]> {
  readonly [ELEMENT]: E;
}

/** One `H` for each item of a generator: what calling a generator returns, and each map over it. */
export interface Mapped<H> {
  readonly [ITEM]: H;
}

/** What `g.call` and `g.map` take: an op or a sub-graph. `W` is what must be wired to it, `R` the handles it gives. */
export interface Callable<W, R> {
  readonly [WIRING]: (wiring: W) => void;
  readonly [RESULT]: R;
}

/** What may be wired to an input of type `T`: a handle, or for a list several handles. */
export type Wire<T> = Handle<T> | (T extends readonly (infer E)[] ? readonly (Handle<E> | Collected<E>)[] : never);

/** What may be wired to a stream of `E`. */
export type StreamWire<E> = Collected<E> | readonly (Handle<E> | Collected<E>)[];

type OneWire<I> = I extends StreamInput<infer S> ? StreamWire<z.input<S>> : I extends Schema ? Wire<z.input<I>> : never;
type MayBeAbsent<I> = I extends Schema ? (undefined extends z.input<I> ? true : false) : false;

/** What must be wired to an op with these inputs. */
export type WiringOf<I extends InputSpec> = I extends undefined
  ? undefined
  : I extends OneInput
    ? MayBeAbsent<I> extends true
      ? OneWire<I> | undefined
      : OneWire<I>
    : { [K in keyof I as MayBeAbsent<I[K]> extends true ? never : K]: OneWire<I[K]> } & {
        [K in keyof I as MayBeAbsent<I[K]> extends true ? K : never]?: OneWire<I[K]>;
      };

/** The handles that a call of an op with these outputs gives; `T` is what `run` returns where no `out` is declared. */
export type ResultOf<O extends OutputSpec, T> = O extends undefined
  ? Handle<T>
  : O extends DynamicOutput<infer S>
    ? Mapped<Handle<z.output<S>>>
    : O extends OptionalOutput<infer S>
      ? Handle<z.output<S>>
      : O extends Schema
        ? Handle<z.output<O>>
        : {
            [K in keyof O]: Handle<
              O[K] extends OptionalOutput<infer S> ? z.output<S> : O[K] extends Schema ? z.output<O[K]> : never
            >;
          };

/** What a map's function gets: the handle inside of one or several maps. */
export type Innermost<H> = H extends Mapped<infer I> ? Innermost<I> : H;

/** `R` inside of the same maps as `H` is inside of. */
export type Lift<H, R> = H extends Mapped<infer I> ? InMap<Lift<I, R>> : InMap<R>;
type InMap<R> =
  R extends Handle<unknown>
    ? Mapped<R>
    : R extends Mapped<unknown>
      ? Mapped<R>
      : R extends object
        ? { [K in keyof R]: InMap<R[K]> }
        : void;

/** What `g.collect` gives: the innermost map becomes a list. */
export type CollectOf<H> =
  H extends Mapped<infer I> ? Mapped<CollectOf<I>> : H extends Handle<infer T> ? Collected<T> : never;

/** Refuses, by type, to collect what is a collect already. */
export type NotCollected<H> =
  Innermost<H> extends Collected<unknown>
    ? { "this is a collect already": "map an op over the inner collect first, then collect that op" }
    : unknown;

/** A handle, a mapped handle, or any record or array of them. */
export type HandleTree =
  Handle<unknown> | Mapped<unknown> | readonly HandleTree[] | { readonly [key: string]: HandleTree };
