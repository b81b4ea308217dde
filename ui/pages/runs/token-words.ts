import type { Token } from "../../../client/filter-text";
import { exact, shortId, type Zone } from "../../parts/format";
import { wordOf } from "../../parts/status";

/** `status is Failure`, `created last 1 h` */
export const tokenWords = ({ field, not, values }: Token, zone: Zone): { name: string; value: string } => {
  const is = not ? "is not" : "is";
  if (field === "status")
    return { name: `status ${is}`, value: values.map((status) => wordOf(status as never)).join(", ") };
  if (field === "id") return { name: `run ${is}`, value: values.map(shortId).join(", ") };
  if (field === "by")
    return {
      name: `launched by${not ? " other than" : ""}`,
      value: values.map((by) => by.replace(/^sensor:/, "")).join(", "),
    };
  if (field === "duration") return { name: "duration", value: values[0]!.replace(/^([<>])(.*)([smhd])$/, "$1 $2 $3") };
  if (field === "created") return { name: "created", value: createdWords(values[0]!, zone) };
  if (field === "tag") {
    const [key = "", value = ""] = values[0]!.split(/=(.*)/s);
    return { name: `${key} ${is}`, value };
  }
  return { name: `${field} ${is}`, value: values.join(", ") };
};

const createdWords = (value: string, zone: Zone): string => {
  const ends = value.split("..");
  if (ends.length === 1) return `last ${value.replace(/(\d)([smhd])$/, "$1 $2")}`;
  const [from, to] = ends.map((end) => exact(Date.parse(end), zone).slice(5, 16));
  return `${from} – ${from!.slice(0, 5) === to!.slice(0, 5) ? to!.slice(6) : to}`;
};
