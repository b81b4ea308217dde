import { type ReactNode, useId, useState } from "react";
import type { Json, JsonObject } from "../../../client";
import { Switch } from "../../parts/buttons";
import { type Path, readConfig } from "./config-text";
import type { Problem } from "./problems";
import { isRequired, kindOf, propertiesOf, type Schema, schemaAt } from "./schema";

type Edit = (changes: readonly (readonly [Path, Json | undefined])[]) => void;

interface Props {
  schema: Schema;
  value: JsonObject;
  problems: readonly Problem[];
  edit: Edit;
}

/** The same document as fields, by the schema; what the schema does not know is shown as it is. */
export const ConfigForm = ({ schema, value, problems, edit }: Props): ReactNode => (
  <div className="config-form" tabIndex={0} role="group" aria-label="Config">
    <Fields root={schema} path={[]} value={value} problems={problems} edit={edit} />
  </div>
);

interface FieldsProps {
  root: Schema;
  path: Path;
  value: JsonObject;
  problems: readonly Problem[];
  edit: Edit;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const Fields = ({ root, path, value, problems, edit }: FieldsProps): ReactNode => {
  const schema = schemaAt(root, path);
  const known = propertiesOf(root, schema);
  const others = Object.keys(value).filter((name) => !known.some(([other]) => other === name));
  const all: [string, Schema][] = [
    ...known,
    ...others.map((name): [string, Schema] => [name, schemaAt(root, [...path, name])]),
  ];
  if (all.length === 0) return <p className="dim">Nothing is configured here.</p>;
  return all.map(([name, property]) => {
    const own = value[name];
    const at = [...path, name];
    const required = isRequired(schema, name);
    if (kindOf(property) === "map" && (own === undefined || isObject(own)) && propertiesOf(root, property).length > 0)
      return (
        <fieldset key={name}>
          <legend className="mono">{name}</legend>
          <Fields root={root} path={at} value={own ?? {}} problems={problems} edit={edit} />
        </fieldset>
      );
    return <Field key={name} {...{ name, property, required, problems, edit }} path={at} value={own} />;
  });
};

interface FieldProps {
  name: string;
  path: Path;
  property: Schema;
  required: boolean;
  value: Json | undefined;
  problems: readonly Problem[];
  edit: Edit;
}

const Field = ({ name, path, property, required, value, problems, edit }: FieldProps): ReactNode => {
  const id = useId();
  const wrong = problems.find((problem) => problem.path.join("\n") === path.join("\n"));
  const set = (next: Json | undefined): void => edit([[path, next]]);
  const { description, default: preset } = property;
  return (
    <div className="config-field">
      <label htmlFor={id}>
        <span className="mono strong">{name}</span>{" "}
        <span className="dim">
          {kindOf(property)}
          {required && " · required"}
          {preset !== undefined && ` · default ${JSON.stringify(preset)}`}
        </span>
      </label>
      <Input id={id} name={name} property={property} value={value} set={set} />
      {typeof description === "string" && <p className="dim small">{description}</p>}
      {wrong && (
        <p className="t-failure small">
          {name} {wrong.message}
        </p>
      )}
    </div>
  );
};

interface InputProps {
  id: string;
  name: string;
  property: Schema;
  value: Json | undefined;
  set(value: Json | undefined): void;
}

const Input = ({ id, name, property, value, set }: InputProps): ReactNode => {
  const kind = kindOf(property);
  const { default: preset } = property;
  const hint = preset === undefined ? "" : String(preset);
  if (kind === "enum" && Array.isArray(property.enum)) {
    const at = property.enum.findIndex((one) => one === value);
    return (
      <select
        id={id}
        className="input"
        value={at}
        onChange={({ target }) => set((property.enum as Json[])[Number(target.value)])}
      >
        {at < 0 && <option value={-1}>{value === undefined ? hint : JSON.stringify(value)}</option>}
        {property.enum.map((one, index) => (
          <option key={index} value={index}>
            {String(one)}
          </option>
        ))}
      </select>
    );
  }
  if (kind === "bool") return <Switch label={name} on={(value ?? preset) === true} onChange={set} />;
  if ((kind === "int" || kind === "num") && (value === undefined || typeof value === "number"))
    return (
      <input
        id={id}
        className="input num"
        type="number"
        step={kind === "int" ? 1 : "any"}
        placeholder={hint}
        value={value ?? ""}
        onChange={({ target }) => set(target.value === "" ? undefined : Number(target.value))}
      />
    );
  if (kind === "str" && (value === undefined || typeof value === "string"))
    return (
      <input
        id={id}
        className="input"
        placeholder={hint}
        value={value ?? ""}
        onChange={({ target }) => set(target.value)}
      />
    );
  return <Raw id={id} value={value} set={set} />;
};

/** What has no field of its own, as JSON; it counts as soon as it can be read. */
const Raw = ({ id, value, set }: Pick<InputProps, "id" | "value" | "set">): ReactNode => {
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));
  const [wrong, setWrong] = useState(false);
  const change = (next: string): void => {
    setText(next);
    const read = readConfig(`{"value": ${next.trim() === "" ? "null" : next}}`, "json");
    setWrong(read.value === null);
    if (next.trim() === "") set(undefined);
    else if (read.value !== null) set(read.value.value);
  };
  return (
    <>
      <textarea
        id={id}
        className="input mono"
        rows={3}
        value={text}
        aria-invalid={wrong}
        onChange={({ target }) => change(target.value)}
      />
      {wrong && <p className="t-failure small">This is not JSON.</p>}
    </>
  );
};
