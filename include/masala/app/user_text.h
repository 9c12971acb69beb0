// How values, errors and rows are worded for users, for the front ends: they see nothing below app.
#pragma once

#include "masala/io/csv.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::app {

using io::CsvTable;
using io::did_you_mean;
using io::InputError;
using io::parse_integer;
using io::parse_number;
using io::shown;
using io::to_csv;
using io::to_csv_line;

}  // namespace masala::app
