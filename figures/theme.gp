# The look of every figure. Loaded before an essay's script; the one who loads it has set
#
#     NAME     a word for the figure's ids
#     W, H     its size in pixels; 680 by 380 unless set
#     NARROW   when it is drawn for a phone, 380 pixels wide; else it does not exist
#
# A figure is drawn at both sizes by the same script, so its letters are the same size on both screens.
# The colours are those of the light page. Weft replaces each by a variable of the style sheet
# (FG becomes --fig-fg, S1 becomes --s1), and so the page's theme repaints the figure.

if (!exists("W")) W = exists("NARROW") ? 380 : 680
if (!exists("H")) H = exists("NARROW") ? 330 : 380
if (!exists("NAME")) NAME = "figure"

set terminal svg size W,H dynamic enhanced font "Inter,13" name NAME linewidth 1 rounded
set encoding utf8

FG    = "#23211d"       # text that must be read
MUTED = "#6d6961"       # tick labels, notes
LINE  = "#b9b4a8"       # axis and ticks
GRID  = "#e6e2d8"
PAPER = "#fdfcf9"       # the page's ground, for what lies behind a label
S1    = "#2b5c9e"       # the series
S2    = "#b5482a"
S3    = "#47783a"
S4    = "#7a4a94"
S5    = "#94690f"

set style line 1 lc rgb S1 lw 2.2 pt 7 ps 0.55
set style line 2 lc rgb S2 lw 2.2 pt 7 ps 0.55
set style line 3 lc rgb S3 lw 2.2 pt 7 ps 0.55
set style line 4 lc rgb S4 lw 2.2 pt 7 ps 0.55
set style line 5 lc rgb S5 lw 2.2 pt 7 ps 0.55
set style line 10 lc rgb LINE lw 1
set style line 11 lc rgb GRID lw 1
set style line 12 lc rgb MUTED lw 1.2 dt (5,4)

# A floor and no box; lines to read values from, and no more.
set border 1 ls 10
set tics nomirror out scale 0.5,0.25 textcolor rgb MUTED
set grid ytics ls 11
set grid noxtics
set xlabel textcolor rgb FG
set ylabel textcolor rgb FG
set title textcolor rgb FG

# Series are named on their curves.
unset key

# Room for the labels of the y axis, for a name at the end of a curve, for a line of text on top, for
# the x axis and its label. A narrow figure has less to spare.
set lmargin (exists("NARROW") ? 7 : 9)
set rmargin (exists("NARROW") ? 2.5 : 4)
set tmargin 2.6
set bmargin 3.4

# few(step): the distance of tics, doubled where there is room for half of them only, as in
#     set xtics few(1024)
few(step) = exists("NARROW") ? 2 * step : step
