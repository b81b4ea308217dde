import { type ReactNode, useMemo } from "react";
import type { Job } from "../../../client";
import { copyText } from "../../parts/copy";
import { count, counted } from "../../parts/format";
import { tell } from "../../parts/toasts";
import { type Field, fieldGroups } from "./schema";

/** What a run's config may hold. */
export const SchemaCard = ({ job }: { job: Job }): ReactNode => {
  const groups = useMemo(
    () => fieldGroups(job.config_schema, job.default_config),
    [job.config_schema, job.default_config],
  );
  const fields = groups.flatMap((group) => group.fields);
  const required = fields.filter((field) => field.required).length;
  const copy = (): void =>
    void copyText(JSON.stringify(job.config_schema, null, 2)).then(() => tell({ title: "The JSON Schema is copied" }));
  return (
    <section className="card" aria-label="Config schema">
      <div className="cardh">
        <h2>Config schema</h2>
        <span className="sub num">
          {fields.length === 0 ? "nothing to set" : `${counted(fields.length, "field")}, ${count(required)} required`}
        </span>
        <span className="grow" />
        <button type="button" className="link sub" onClick={copy}>
          Copy JSON Schema
        </button>
      </div>
      {fields.length === 0 ? (
        <p className="job-none t2">Runs of this job take no config.</p>
      ) : (
        <div className="table-place" role="region" aria-label="Fields" tabIndex={0}>
          <table className="table fixed lines two job-schema">
            <thead>
              <tr>
                <th>Field</th>
                <th>Type</th>
                <th>Default</th>
                <th>Meaning, allowed values</th>
              </tr>
            </thead>
            {groups.map(({ title, fields }) => (
              <tbody key={title} className={title === "" ? "" : "deep"}>
                {title !== "" && (
                  <tr className="group">
                    <th colSpan={4} scope="rowgroup" className="mono">
                      {title}
                    </th>
                  </tr>
                )}
                {fields.map((field) => (
                  <Row key={field.name} field={field} />
                ))}
              </tbody>
            ))}
          </table>
        </div>
      )}
    </section>
  );
};

const Row = ({ field: { name, type, default: value, required, meaning, allowed } }: { field: Field }): ReactNode => (
  <tr>
    <td className="mono ell rest" title={name}>
      {name}
    </td>
    <td className="type ell" title={type}>
      {type}
    </td>
    <td className="mono ell default" title={value ?? undefined}>
      {required ? <b>required</b> : (value ?? <span className="dim">none</span>)}
    </td>
    <td className="t2 below rest">
      {meaning !== "" && <span>{meaning} </span>}
      {allowed !== "" && <span className="allowed mono">{allowed}</span>}
    </td>
  </tr>
);
